// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// Where a leg is traded.
enum Venue {
    UniswapV2,
    UniswapV3
}

/// One swap. What comes out of it is the next leg's `tokenIn`, and the first leg's after the last.
struct Leg {
    Venue venue;
    address pool;
    address tokenIn;
    /// Fee of a V2 pair in millionths: 3000 is 0.3 %. A V3 pool knows its own.
    uint24 feePpm;
}

/// @title The legs of the run under way, in transient storage (EIP-1153)
/// @notice A plan that travelled through a lender as callback data could come back altered. This one never leaves the
/// executor. Two words a leg, written once and read once, cost 400 gas: less than encoding, echoing and decoding them.
library LegStore {
    /// Beyond the executor's own transient variables, which are numbered from 0.
    uint256 private constant FIRST_SLOT = 0x100;

    function save(uint256 index, Leg calldata leg) internal {
        uint256 slot = FIRST_SLOT + 2 * index;
        uint256 head = uint256(uint160(leg.pool)) | (uint256(leg.feePpm) << 160) | (uint256(leg.venue) << 184);
        address tokenIn = leg.tokenIn;
        assembly ("memory-safe") {
            tstore(slot, head)
            tstore(add(slot, 1), tokenIn)
        }
    }

    function load(uint256 index) internal view returns (Venue venue, address pool, uint24 feePpm) {
        uint256 slot = FIRST_SLOT + 2 * index;
        uint256 head;
        assembly ("memory-safe") {
            head := tload(slot)
        }
        return (Venue(head >> 184), address(uint160(head)), uint24(head >> 160));
    }

    function tokenInOf(uint256 index) internal view returns (address tokenIn) {
        uint256 slot = FIRST_SLOT + 2 * index + 1;
        assembly ("memory-safe") {
            tokenIn := tload(slot)
        }
    }
}
