// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// Outcome tokens, as far as permissions go: ConditionalTokens and PositionManager.
contract Shares {
    mapping(address => mapping(address => bool)) public isApprovedForAll;

    function setApprovalForAll(address operator, bool approved) external {
        isApprovedForAll[msg.sender][operator] = approved;
    }
}
