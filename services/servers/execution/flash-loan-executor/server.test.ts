import { serverContract } from "../../../kit/testing.ts";
import { tools } from "./tools.ts";

serverContract({ name: "flash-loan-executor", tools });
