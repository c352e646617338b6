// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// A token of 6 decimals as USDC, USDC.e and pUSD are: it can be told to refuse approvals, and why.
contract Token {
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    string private refusal;

    error InsufficientAllowance();

    function refuse(string calldata why) external {
        refusal = why;
    }

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        if (bytes(refusal).length > 0) revert(refusal);
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        uint256 allowed = allowance[from][msg.sender];
        if (allowed < amount) revert InsufficientAllowance();
        if (allowed != type(uint256).max) allowance[from][msg.sender] = allowed - amount;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        return true;
    }
}
