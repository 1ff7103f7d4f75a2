/** `assent`: the client, and a processor in the same process for whoever brings policies along. */
export { type ConnectOptions, connect } from "./app/connect.ts";
export * from "./client.ts";
