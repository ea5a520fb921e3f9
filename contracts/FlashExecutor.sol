// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAaveV3Pool, IBalancerV2Vault, IERC20, IUniswapV2Pair, IUniswapV3Pool} from "./interfaces.sol";
import {Leg, LegStore, Venue} from "./LegStore.sol";

/// Who lends the first leg's input.
enum Lender {
    /// The pool fixed at deployment. Premium FLASHLOAN_PREMIUM_TOTAL, pulled by allowance.
    AaveV3,
    /// The vault fixed at deployment. Its flash-loan fee, which is 0 unless governance sets one.
    BalancerV2,
    /// The first leg's own pair, as a flash swap: what it pays out is the loan, its input is paid last. No fee beside the swap's.
    UniswapV2,
    /// `lenderPool`, by `flash`. The pool's fee, rounded up. It is locked meanwhile and cannot be a leg.
    UniswapV3
}

/// One arbitrage, whole. It happens as planned or not at all.
struct Plan {
    /// Succeeds once. Consecutive numbers share a storage slot by 256 and cost 5 000 gas instead of 22 100.
    uint256 id;
    /// Last block it may be part of.
    uint256 deadlineBlock;
    Lender lender;
    /// The pool that lends, for Lender.UniswapV3; not read for the others.
    address lenderPool;
    /// Loan, in the smallest unit of the first leg's `tokenIn`.
    uint128 amount;
    /// Least gain in that token, fees paid and gas not counted.
    uint128 minProfit;
    /// Two or more: the last one's output is the first one's input.
    Leg[] legs;
}

/// @title Executes flash-loan arbitrage
/// @notice Holds nothing between transactions: a run starts with a loan, ends with the repayment, and what remains goes to
/// the owner at once. Anything else reverts the whole of it.
/// @dev Only the owner starts a run. A callback is taken only from the very contract that was called a moment ago, only of
/// the kind expected of it, and only once. The pools of a plan need not be honest: whatever one of them does, the run ends
/// with the least gain in the owner's hands or never happened. Tokens that take a fee on transfer, or refuse to be sold,
/// make it revert. Needs transient storage, so Cancun or later.
contract FlashExecutor {
    /// Kinds of callback that may be awaited; 0 stays free for "none".
    enum Callback {
        None,
        AaveV3Loan,
        BalancerV2Loan,
        UniswapV2Loan,
        UniswapV3Loan,
        UniswapV3Payment
    }

    /// @param profit in `asset`, already with the owner
    event Executed(uint256 indexed id, address indexed asset, uint256 amount, uint256 profit);

    error NotOwner(address caller);
    error Reentered();
    error Expired(uint256 deadlineBlock, uint256 blockNumber);
    error AlreadyDone(uint256 id);
    error UnexpectedCallback(address caller);
    error UnexpectedInitiator(address initiator);
    error CallbackMissing(address callee);
    error UnexpectedPayment(uint256 asked, uint256 due);
    error Shortfall(uint256 earned, uint256 owed);
    error Unprofitable(int256 profit, uint256 minProfit);
    error TransferFailed(address token);

    /// TickMath.MIN_SQRT_RATIO + 1 and MAX_SQRT_RATIO - 1 of Uniswap V3 core: no limit on the price.
    uint160 private constant LOWEST_PRICE = 4295128740;
    uint160 private constant HIGHEST_PRICE = 1461446703485210103287273052203988822378723970341;

    address public immutable owner;
    /// Zero where the chain has none.
    address public immutable aavePool;
    address public immutable balancerVault;

    /// Ids that have succeeded, 256 a word, as Permit2 keeps its nonces.
    mapping(uint256 word => uint256 bits) private _done;

    /// Who may call back, and by which function; 0 for nobody. One word, so that one comparison checks both.
    uint256 private transient _awaited;
    /// Not 0 while a run is under way.
    uint256 private transient _legCount;
    uint256 private transient _loan;
    /// What the V3 leg under way may take, and of which token.
    uint256 private transient _due;
    address private transient _dueToken;

    constructor(address owner_, address aavePool_, address balancerVault_) {
        owner = owner_;
        aavePool = aavePool_;
        balancerVault = balancerVault_;
    }

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }

    /// @notice Borrows, trades every leg, repays, and sends the owner what remains.
    /// @return profit what an eth_call of the same plan predicts, to the wei, on the same state
    function execute(Plan calldata plan) external onlyOwner returns (uint256 profit) {
        if (_legCount != 0) revert Reentered();
        if (block.number > plan.deadlineBlock) revert Expired(plan.deadlineBlock, block.number);
        _markDone(plan.id);

        address asset = plan.legs[0].tokenIn;
        uint256 before = IERC20(asset).balanceOf(address(this));
        _begin(plan);
        _borrow(plan, asset);
        _legCount = 0;

        uint256 remaining = IERC20(asset).balanceOf(address(this));
        if (remaining < before + plan.minProfit) revert Unprofitable(int256(remaining) - int256(before), plan.minProfit);
        profit = remaining - before;
        // With what was there before, if somebody sent it: nothing stays.
        _transfer(asset, owner, remaining);
        emit Executed(plan.id, asset, plan.amount, profit);
    }

    /// @notice Whether a plan with this id has succeeded.
    function isDone(uint256 id) external view returns (bool) {
        return _done[id >> 8] & (1 << (id & 0xff)) != 0;
    }

    /// @notice Sends the owner everything this contract holds of a token that came by mistake; ether for the zero address.
    function rescue(address token) external onlyOwner {
        if (token != address(0)) return _transfer(token, owner, IERC20(token).balanceOf(address(this)));
        (bool sent,) = owner.call{value: address(this).balance}("");
        if (!sent) revert TransferFailed(token);
    }

    // ---- lenders' callbacks: check, trade, repay

    /// @notice Aave V3. Anybody can have the pool call this with a loan of their own: hence the initiator.
    function executeOperation(address asset, uint256 amount, uint256 premium, address initiator, bytes calldata)
        external
        returns (bool)
    {
        _accept(Callback.AaveV3Loan);
        if (initiator != address(this)) revert UnexpectedInitiator(initiator);
        _trade(0, amount, amount + premium);
        // Exactly what the pool pulls, so no allowance outlives the run.
        _callToken(asset, abi.encodeCall(IERC20.approve, (msg.sender, amount + premium)));
        return true;
    }

    /// @notice Balancer V2.
    function receiveFlashLoan(address[] calldata tokens, uint256[] calldata amounts, uint256[] calldata fees, bytes calldata) external {
        _accept(Callback.BalancerV2Loan);
        uint256 owed = amounts[0] + fees[0];
        _trade(0, amounts[0], owed);
        _transfer(tokens[0], msg.sender, owed);
    }

    /// @notice Uniswap V2 flash swap: the first leg has paid out already.
    function uniswapV2Call(address sender, uint256 amount0, uint256 amount1, bytes calldata) external {
        _accept(Callback.UniswapV2Loan);
        if (sender != address(this)) revert UnexpectedInitiator(sender);
        uint256 owed = _loan;
        _trade(1, amount0 == 0 ? amount1 : amount0, owed);
        _transfer(LegStore.tokenInOf(0), msg.sender, owed);
    }

    /// @notice Uniswap V3 flash. One of the fees is 0: only one token was borrowed.
    function uniswapV3FlashCallback(uint256 fee0, uint256 fee1, bytes calldata) external {
        _accept(Callback.UniswapV3Loan);
        uint256 loan = _loan;
        uint256 owed = loan + fee0 + fee1;
        _trade(0, loan, owed);
        _transfer(LegStore.tokenInOf(0), msg.sender, owed);
    }

    /// @notice Uniswap V3 asks for the input of a leg. Less than all of it means that the pool ran out of liquidity.
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
        _accept(Callback.UniswapV3Payment);
        uint256 asked = uint256(amount0Delta > 0 ? amount0Delta : amount1Delta);
        if (asked != _due) revert UnexpectedPayment(asked, _due);
        _transfer(_dueToken, msg.sender, asked);
    }

    // ---- a run

    function _markDone(uint256 id) private {
        uint256 bit = 1 << (id & 0xff);
        uint256 bits = _done[id >> 8];
        if (bits & bit != 0) revert AlreadyDone(id);
        _done[id >> 8] = bits | bit;
    }

    function _begin(Plan calldata plan) private {
        uint256 count = plan.legs.length;
        for (uint256 i = 0; i < count; ++i) LegStore.save(i, plan.legs[i]);
        _legCount = count;
        _loan = plan.amount;
    }

    function _borrow(Plan calldata plan, address asset) private {
        uint256 amount = plan.amount;
        if (plan.lender == Lender.AaveV3) {
            _await(aavePool, Callback.AaveV3Loan);
            IAaveV3Pool(aavePool).flashLoanSimple(address(this), asset, amount, "", 0);
            _requireAnswered(aavePool);
        } else if (plan.lender == Lender.BalancerV2) {
            address[] memory tokens = new address[](1);
            uint256[] memory amounts = new uint256[](1);
            (tokens[0], amounts[0]) = (asset, amount);
            _await(balancerVault, Callback.BalancerV2Loan);
            IBalancerV2Vault(balancerVault).flashLoan(address(this), tokens, amounts, "");
            _requireAnswered(balancerVault);
        } else if (plan.lender == Lender.UniswapV2) {
            (, address pair, uint24 feePpm) = LegStore.load(0);
            bool zeroForOne = asset < LegStore.tokenInOf(1);
            uint256 out = _quoteV2(pair, zeroForOne, feePpm, amount);
            _await(pair, Callback.UniswapV2Loan);
            // Data of any length makes it a flash swap.
            IUniswapV2Pair(pair).swap(zeroForOne ? 0 : out, zeroForOne ? out : 0, address(this), hex"01");
            _requireAnswered(pair);
        } else {
            address pool = plan.lenderPool;
            bool isToken0 = IUniswapV3Pool(pool).token0() == asset;
            _await(pool, Callback.UniswapV3Loan);
            IUniswapV3Pool(pool).flash(address(this), isToken0 ? amount : 0, isToken0 ? 0 : amount, "");
            _requireAnswered(pool);
        }
    }

    /// Trades the legs from `first` on. @param owed what the last of them has to earn at least
    function _trade(uint256 first, uint256 amount, uint256 owed) private {
        uint256 count = _legCount;
        address tokenIn = LegStore.tokenInOf(first);
        for (uint256 i = first; i < count; ++i) {
            (Venue venue, address pool, uint24 feePpm) = LegStore.load(i);
            address tokenOut = LegStore.tokenInOf(i + 1 == count ? 0 : i + 1);
            bool zeroForOne = tokenIn < tokenOut;
            amount = venue == Venue.UniswapV2
                ? _swapV2(pool, tokenIn, zeroForOne, feePpm, amount)
                : _swapV3(pool, tokenIn, zeroForOne, amount);
            tokenIn = tokenOut;
        }
        if (amount < owed) revert Shortfall(amount, owed);
    }

    function _swapV2(address pair, address tokenIn, bool zeroForOne, uint24 feePpm, uint256 amountIn) private returns (uint256 out) {
        out = _quoteV2(pair, zeroForOne, feePpm, amountIn);
        _transfer(tokenIn, pair, amountIn);
        IUniswapV2Pair(pair).swap(zeroForOne ? 0 : out, zeroForOne ? out : 0, address(this), "");
    }

    /// The largest output that the pair's own check lets pass (Uniswap V2 whitepaper, section 3.2.1).
    function _quoteV2(address pair, bool zeroForOne, uint24 feePpm, uint256 amountIn) private view returns (uint256) {
        (uint256 reserveIn, uint256 reserveOut,) = IUniswapV2Pair(pair).getReserves();
        if (!zeroForOne) (reserveIn, reserveOut) = (reserveOut, reserveIn);
        uint256 afterFee = amountIn * (1e6 - feePpm);
        return afterFee * reserveOut / (reserveIn * 1e6 + afterFee);
    }

    function _swapV3(address pool, address tokenIn, bool zeroForOne, uint256 amountIn) private returns (uint256) {
        (_due, _dueToken) = (amountIn, tokenIn);
        _await(pool, Callback.UniswapV3Payment);
        (int256 amount0, int256 amount1) = IUniswapV3Pool(pool).swap(
            address(this), zeroForOne, int256(amountIn), zeroForOne ? LOWEST_PRICE : HIGHEST_PRICE, ""
        );
        _requireAnswered(pool);
        return uint256(-(zeroForOne ? amount1 : amount0));
    }

    // ---- callbacks

    function _await(address callee, Callback kind) private {
        _awaited = _key(callee, kind);
    }

    /// Takes the callback that is awaited, and takes it once.
    function _accept(Callback kind) private {
        if (_awaited != _key(msg.sender, kind)) revert UnexpectedCallback(msg.sender);
        _awaited = 0;
    }

    function _requireAnswered(address callee) private view {
        if (_awaited != 0) revert CallbackMissing(callee);
    }

    function _key(address callee, Callback kind) private pure returns (uint256) {
        return uint256(uint160(callee)) | (uint256(kind) << 160);
    }

    // ---- tokens

    function _transfer(address token, address to, uint256 amount) private {
        _callToken(token, abi.encodeCall(IERC20.transfer, (to, amount)));
    }

    /// A token answers true, or nothing at all as USDT does.
    function _callToken(address token, bytes memory data) private {
        (bool done, bytes memory answer) = token.call(data);
        if (!done || (answer.length != 0 && !abi.decode(answer, (bool)))) revert TransferFailed(token);
    }
}
