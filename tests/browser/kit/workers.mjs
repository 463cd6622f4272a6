// What a page's workers do is left alone by the browser's library.

/**
 * From now on the library does not listen to the WebSockets of a page's workers. It is told of each of their messages with all its bytes,
 * and with a hundred sockets this keeps a machine so busy that an answer of the page waits behind it for half a minute. The library has no
 * setting for this, so its own session with each worker is used; should a later version have none of that name, all is as slow as before.
 * @param {import('playwright-core').Page} page
 */
export async function overlookWorkers(page) {
  const sessions = page._connection?.toImpl?.(page)?.delegate?._networkManager?._sessions?.values() ?? [];
  const ofWorkers = [...sessions].filter(({ workerFrame }) => workerFrame);
  await Promise.all(ofWorkers.map(({ session }) => session.send('Network.disable')));
}
