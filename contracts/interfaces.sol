// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// What the executor asks of tokens, pools and lenders, and nothing more.

interface IERC20 {
    function balanceOf(address account) external view returns (uint256);
    function transfer(address to, uint256 amount) external returns (bool);
    function approve(address spender, uint256 amount) external returns (bool);
}

/// Uniswap V2 core 1.0.1. `swap` with data that is not empty calls `uniswapV2Call` on `to` before it asks for payment.
interface IUniswapV2Pair {
    function getReserves() external view returns (uint112 reserve0, uint112 reserve1, uint32 blockTimestampLast);
    function swap(uint256 amount0Out, uint256 amount1Out, address to, bytes calldata data) external;
}

/// Uniswap V3 core 1.0.1.
interface IUniswapV3Pool {
    function token0() external view returns (address);
    function swap(address recipient, bool zeroForOne, int256 amountSpecified, uint160 sqrtPriceLimitX96, bytes calldata data)
        external
        returns (int256 amount0, int256 amount1);
    function flash(address recipient, uint256 amount0, uint256 amount1, bytes calldata data) external;
}

/// Aave V3 core 1.19.3: the loan and its premium are pulled by allowance after the callback.
interface IAaveV3Pool {
    function flashLoanSimple(address receiver, address asset, uint256 amount, bytes calldata params, uint16 referralCode) external;
}

/// Balancer V2 vault: the loan and its fee are expected back by transfer before the callback ends.
interface IBalancerV2Vault {
    function flashLoan(address recipient, address[] calldata tokens, uint256[] calldata amounts, bytes calldata userData) external;
}
