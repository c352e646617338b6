// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IToken {
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    function mint(address to, uint256 amount) external;
}

/// Takes an asset and gives pUSD, one for one, unless the asset is paused.
contract Onramp {
    IToken private constant PUSD = IToken(0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB);
    mapping(address => bool) public paused;

    error OnlyUnpaused();

    function pause(address asset) external {
        paused[asset] = true;
    }

    function wrap(address asset, address to, uint256 amount) external {
        if (paused[asset]) revert OnlyUnpaused();
        IToken(asset).transferFrom(msg.sender, address(PUSD), amount);
        PUSD.mint(to, amount);
    }
}
