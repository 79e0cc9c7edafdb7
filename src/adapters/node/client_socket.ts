/** A client's connections on Node.js. */
export { createNodeClientSockets as createClientSockets } from "../common/client_socket.ts";
