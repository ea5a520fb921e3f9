// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

interface IToken {
    function transfer(address to, uint256 amount) external returns (bool);
}

interface IPair {
    function getReserves() external view returns (uint112, uint112, uint32);
    function swap(uint256 amount0Out, uint256 amount1Out, address to, bytes calldata data) external;
}

interface IPool {
    function slot0() external view returns (uint160, int24, uint16, uint16, uint16, uint8, bool);
    function liquidity() external view returns (uint128);
    function swap(address to, bool zeroForOne, int256 amount, uint160 limit, bytes calldata data) external returns (int256, int256);
}

struct PairTrade {
    address pair;
    address tokenIn;
    bool zeroForOne;
    uint256 amountIn;
    /// Asked of the pair.
    uint256 amountOut;
}

struct PoolTrade {
    address pool;
    address tokenIn;
    bool zeroForOne;
    uint256 amountIn;
}

struct PoolResult {
    bool done;
    uint256 amountIn;
    uint256 amountOut;
    uint160 sqrtPriceX96;
    int24 tick;
    uint128 liquidity;
}

/// Swaps on the pools themselves with tokens of its own, and takes every swap back: each finds the same state.
contract SwapProbe {
    uint160 private constant LOWEST_PRICE = 4295128740;
    uint160 private constant HIGHEST_PRICE = 1461446703485210103287273052203988822378723970341;

    error Paid(uint256 reserve0, uint256 reserve1);
    error Swapped(PoolResult result);

    /// Whether the pair gives what is asked, and whether it gives one unit more.
    function askPairs(PairTrade[] calldata trades) external returns (bool[] memory given, bool[] memory more) {
        (given, more) = (new bool[](trades.length), new bool[](trades.length));
        for (uint256 i = 0; i < trades.length; ++i) {
            given[i] = trades[i].amountOut != 0 && _gives(trades[i], trades[i].amountOut);
            more[i] = _gives(trades[i], trades[i].amountOut + 1);
        }
    }

    function _gives(PairTrade calldata trade, uint256 amountOut) private returns (bool) {
        try this.askPair(trade, amountOut) {
            return false;
        } catch (bytes memory reason) {
            return bytes4(reason) == Paid.selector;
        }
    }

    function askPair(PairTrade calldata trade, uint256 amountOut) external {
        IToken(trade.tokenIn).transfer(trade.pair, trade.amountIn);
        IPair(trade.pair).swap(trade.zeroForOne ? 0 : amountOut, trade.zeroForOne ? amountOut : 0, address(this), "");
        (uint256 reserve0, uint256 reserve1,) = IPair(trade.pair).getReserves();
        revert Paid(reserve0, reserve1);
    }

    function askPools(PoolTrade[] calldata trades) external returns (PoolResult[] memory results) {
        results = new PoolResult[](trades.length);
        for (uint256 i = 0; i < trades.length; ++i) {
            try this.askPool(trades[i]) {}
            catch (bytes memory reason) {
                if (bytes4(reason) != Swapped.selector) continue;
                assembly ("memory-safe") {
                    mstore(add(reason, 4), sub(mload(reason), 4))
                    reason := add(reason, 4)
                }
                results[i] = abi.decode(reason, (PoolResult));
            }
        }
    }

    function askPool(PoolTrade calldata trade) external {
        (uint256 amountIn, uint256 amountOut) = _swap(trade, trade.zeroForOne ? LOWEST_PRICE : HIGHEST_PRICE);
        (uint160 price, int24 tick,,,,,) = IPool(trade.pool).slot0();
        revert Swapped(PoolResult(true, amountIn, amountOut, price, tick, IPool(trade.pool).liquidity()));
    }

    /// Stays done.
    function move(PoolTrade calldata trade, uint160 limit) external {
        _swap(trade, limit);
    }

    function _swap(PoolTrade calldata trade, uint160 limit) private returns (uint256 amountIn, uint256 amountOut) {
        (int256 amount0, int256 amount1) =
            IPool(trade.pool).swap(address(this), trade.zeroForOne, int256(trade.amountIn), limit, abi.encode(trade.tokenIn));
        return trade.zeroForOne ? (uint256(amount0), uint256(-amount1)) : (uint256(amount1), uint256(-amount0));
    }

    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata data) external {
        IToken(abi.decode(data, (address))).transfer(msg.sender, uint256(amount0 > 0 ? amount0 : amount1));
    }
}
