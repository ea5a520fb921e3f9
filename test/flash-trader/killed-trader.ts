/** A trader in a process of its own, that ends where it is told to: `killed-trader.ts <url> <books file> <market book file>`. Between signature and sending. */
import { Chain } from "../../services/market/chain/chain.ts";
import { HttpRpc } from "../../services/market/chain/rpc.ts";
import { openWallet } from "../../services/flash-trader/send/wallet.ts";
import { FileBooks } from "../../services/flash-trader/testing/file-books.ts";
import { FlashTrader } from "../../services/flash-trader/trader.ts";
import { readFileSync } from "node:fs";
import { MarketBook } from "../../contract/market.ts";
import { OWNER_KEY, SETTINGS } from "./rig.ts";

const [url, booksFile, bookFile] = process.argv.slice(2) as [string, string, string];

class FatalBooks extends FileBooks {
  override async sign(...signature: Parameters<FileBooks["sign"]>): Promise<void> {
    await super.sign(...signature);
    process.kill(process.pid, "SIGKILL");
    await new Promise(() => undefined);
  }
}

const chain = new Chain(new HttpRpc(url));
const trader = new FlashTrader({
  chain, book: MarketBook.parse(JSON.parse(readFileSync(bookFile, "utf8"))), books: new FatalBooks(booksFile), wallet: openWallet(OWNER_KEY), settings: SETTINGS,
  lease: { held: () => true }, killSwitch: { ask: async () => "clear" }, watcher: { fault: (error) => console.error(error) },
});
await trader.start();
process.send!("ready");
process.on("message", () => void chain.latest().then(({ hash }) => trader.onHead(hash)));
