import type { Server } from 'node:http';

import { ExpressAdapter } from '@nestjs/platform-express';

const SECOND = 1_000;
/** An idle connection that never sent a byte would hold the process back for longer than anybody waits. */
const CLOSE_CONNECTIONS_AFTER_MS = 3 * SECOND;

/**
 * Express, with limits for slow clients: Node's own let one hold a connection for 90 seconds without a header and for
 * 300 without a body, and a connection that never sent a byte keeps a server from closing.
 */
export class ServiceHttpAdapter extends ExpressAdapter {
  override initHttpServer(options: Parameters<ExpressAdapter['initHttpServer']>[0]): void {
    super.initHttpServer(options);
    const server: Server & { connectionsCheckingInterval?: number } = this.getHttpServer();
    server.headersTimeout = 5 * SECOND;
    server.requestTimeout = 30 * SECOND;
    // Read when the server begins to listen (Node lib/_http_server.js, setupConnectionsTracking).
    server.connectionsCheckingInterval = SECOND;
  }

  override close(): ReturnType<ExpressAdapter['close']> {
    const server: Server = this.getHttpServer();
    setTimeout(() => server.closeAllConnections(), CLOSE_CONNECTIONS_AFTER_MS).unref();
    return super.close();
  }
}
