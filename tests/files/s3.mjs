// What Relay's file store is tested against: a real S3 server. `node s3.mjs DIRECTORY [PORT]` serves what is in the directory, so that it can be
// stopped and started again; the bucket "files" is there. Prints one line with its address, and ends after ten minutes at the latest.
import S3rver from 's3rver';

setTimeout(() => process.exit(1), 600_000).unref();

const [directory, port = '0'] = process.argv.slice(2);
const server = new S3rver({ address: '127.0.0.1', port: Number(port), directory, silent: true, configureBuckets: [{ name: 'files' }] });
const address = await server.run();
console.log(`s3: ready endpoint=http://127.0.0.1:${address.port}`);
