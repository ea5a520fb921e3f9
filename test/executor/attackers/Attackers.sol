// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

struct Act {
    address target;
    bytes data;
}

/// Answers to every call that the executor makes to a pool or a lender, and does then what it was taught. Also a wallet.
contract Puppet {
    address public token0;
    uint112 private _reserve0;
    uint112 private _reserve1;
    int256 private _amount0;
    int256 private _amount1;
    mapping(uint256 scene => Act[]) private _acts;

    function become(address token0_, uint112 reserve0, uint112 reserve1, int256 amount0, int256 amount1) external {
        (token0, _reserve0, _reserve1, _amount0, _amount1) = (token0_, reserve0, reserve1, amount0, amount1);
    }

    function teach(uint256 scene, Act[] calldata acts) external {
        delete _acts[scene];
        for (uint256 i = 0; i < acts.length; ++i) _acts[scene].push(acts[i]);
    }

    function play(uint256 scene) public {
        for (uint256 i = 0; i < _acts[scene].length; ++i) {
            (bool done, bytes memory answer) = _acts[scene][i].target.call(_acts[scene][i].data);
            if (!done) {
                assembly ("memory-safe") {
                    revert(add(answer, 32), mload(answer))
                }
            }
        }
    }

    function getReserves() external view returns (uint112, uint112, uint32) {
        return (_reserve0, _reserve1, 0);
    }

    function swap(uint256, uint256, address, bytes calldata) external {
        play(0);
    }

    function swap(address, bool, int256, uint160, bytes calldata) external returns (int256, int256) {
        play(0);
        return (_amount0, _amount1);
    }

    function flash(address, uint256, uint256, bytes calldata) external {
        play(0);
    }

    function flashLoanSimple(address, address, uint256, bytes calldata, uint16) external {
        play(0);
    }

    function flashLoan(address, address[] calldata, uint256[] calldata, bytes calldata) external {
        play(0);
    }
}

/// A token with one bad habit at a time.
contract TrickToken {
    enum Habit {
        None,
        FeeOnTransfer,
        Honeypot,
        AnswersFalse,
        AnswersNothing,
        Calls
    }

    string public constant name = "Trick";
    string public constant symbol = "TRICK";
    uint8 public constant decimals = 18;
    mapping(address account => uint256) public balanceOf;
    mapping(address account => mapping(address spender => uint256)) public allowance;
    Habit private _habit;
    /// Whom the habit concerns: the holder who cannot sell, the receiver whose receipt is announced.
    address private _whom;
    Puppet private _puppet;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function adopt(Habit habit, address whom, Puppet puppet) external {
        (_habit, _whom, _puppet) = (habit, whom, puppet);
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        return _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private returns (bool) {
        if (_habit == Habit.AnswersFalse && from == _whom) return false;
        require(_habit != Habit.Honeypot || from != _whom, "you bought it, you keep it");
        balanceOf[from] -= amount;
        balanceOf[to] += _habit == Habit.FeeOnTransfer ? amount - amount / 100 : amount;
        if (_habit == Habit.Calls && to == _whom) _puppet.play(1);
        if (_habit == Habit.AnswersNothing) {
            assembly {
                return(0, 0)
            }
        }
        return true;
    }
}
