import { serverContract } from "../../../kit/testing.ts";
import { tools } from "./tools.ts";

serverContract({ name: "risk-guard", tools });
