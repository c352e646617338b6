// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// A wallet that makes the calls its owner has signed: the digest is computed here anew, so that whoever signs must agree.
contract DepositWallet {
    struct Call {
        address target;
        uint256 value;
        bytes data;
    }

    address public owner;
    uint256 public nonce;

    bytes32 private constant CALL = keccak256("Call(address target,uint256 value,bytes data)");
    bytes32 private constant BATCH = keccak256(
        "Batch(address wallet,uint256 nonce,uint256 deadline,Call[] calls)Call(address target,uint256 value,bytes data)"
    );
    bytes32 private constant DOMAIN =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    function own(address whose) external {
        owner = whose;
    }

    function execute(uint256 deadline, Call[] calldata calls, bytes calldata signature) external {
        require(block.timestamp <= deadline, "expired");
        bytes32[] memory hashes = new bytes32[](calls.length);
        for (uint256 i = 0; i < calls.length; i++) {
            hashes[i] = keccak256(abi.encode(CALL, calls[i].target, calls[i].value, keccak256(calls[i].data)));
        }
        bytes32 batch =
            keccak256(abi.encode(BATCH, address(this), nonce, deadline, keccak256(abi.encodePacked(hashes))));
        bytes32 domain = keccak256(
            abi.encode(DOMAIN, keccak256("DepositWallet"), keccak256("1"), block.chainid, address(this))
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, batch));
        require(signature.length == 65, "signature is not 65 bytes");
        address signer =
            ecrecover(digest, uint8(signature[64]), bytes32(signature[0:32]), bytes32(signature[32:64]));
        require(signer == owner, "not signed by the owner");
        nonce++;
        for (uint256 i = 0; i < calls.length; i++) {
            (bool ok,) = calls[i].target.call{value: calls[i].value}(calls[i].data);
            require(ok, "a call failed");
        }
    }
}
