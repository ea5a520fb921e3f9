/** A small ERC-20 token that tests deploy, with each kind of revert. */
export const TOKEN_SOURCE = `
contract Token {
  error TooPoor(address who, uint256 has, uint256 wants);
  event Transfer(address indexed from, address indexed to, uint256 value);
  string public constant symbol = "TST";
  uint8 public constant decimals = 6;
  mapping(address => uint256) public balanceOf;
  constructor(uint256 supply) { require(supply > 0, "no supply"); balanceOf[msg.sender] = supply; emit Transfer(address(0), msg.sender, supply); }
  function transfer(address to, uint256 value) external returns (bool) {
    if (balanceOf[msg.sender] < value) revert TooPoor(msg.sender, balanceOf[msg.sender], value);
    balanceOf[msg.sender] -= value; balanceOf[to] += value;
    emit Transfer(msg.sender, to, value);
    return true;
  }
  function pair(uint256 x) external pure returns (uint256 twice, string memory text) { return (2 * x, "hi"); }
  function refuse() external pure { require(false, "never"); }
  function overflow(uint8 x) external pure returns (uint8) { return x + 250; }
  function whoAmI() external view returns (address) { return msg.sender; }
}`;
