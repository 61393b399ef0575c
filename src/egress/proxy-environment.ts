/** Not through the proxy: programs that a sandboxed one starts for itself, such as the servers of its tests. */
const OWN = 'localhost,127.0.0.1,::1';

/**
 * Variables that send the programs of a sandbox through its gate, as templates for the bridge. Package managers and
 * clients differ in the one that they read: curl reads `http_proxy` in lower case only, Node's own fetch none without
 * `NODE_USE_ENV_PROXY` (Node 24).
 */
export function proxyEnvironment(): Readonly<Record<string, string>> {
  return {
    HTTP_PROXY: '{address}',
    HTTPS_PROXY: '{address}',
    http_proxy: '{address}',
    https_proxy: '{address}',
    NO_PROXY: OWN,
    no_proxy: OWN,
    NODE_USE_ENV_PROXY: '1',
  };
}
