/** Labels by which everything that a stack made on an engine is found again. */

/** On containers, networks and volumes: the stack's name. */
export const STACK_LABEL = "mcp.stack";
/** On containers: absolute path of the checkout that deploys the stack. */
export const FOLDER_LABEL = "mcp.folder";
/** On containers: catalogue or infrastructure name of the service, as in `toolbox`; the same for all its instances. */
export const SERVICE_LABEL = "com.docker.compose.service";
