// What Relay's ways to sign in are tested against: a real OpenID provider and a real mail server, in one process. A third port tells them what
// to do and what they have seen. Prints one line with all three addresses, and ends after ten minutes at the latest.
import http from 'node:http';
import { once } from 'node:events';
import { createSecretKey } from 'node:crypto';
import Provider from 'oidc-provider';
import { SMTPServer } from 'smtp-server';
import { SignJWT, exportJWK, exportSPKI, generateKeyPair, importJWK } from 'jose';

setTimeout(() => process.exit(1), 600_000).unref();

// ---- The provider

const listener = http.createServer();
listener.listen(0, '127.0.0.1');
await once(listener, 'listening');
const issuer = `http://127.0.0.1:${listener.address().port}`;

const state = { keys: [], redirects: [], requests: {}, down: false, slowMs: 0, lie: null };
let provider;

async function newKeys(generation) {
  const make = async (alg) => {
    const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 });
    return { ...(await exportJWK(privateKey)), alg, use: 'sig', kid: `${alg.toLowerCase()}-${generation}` };
  };
  return [await make('RS256'), await make('ES256')];
}

function resource(uri) {
  return {
    audience: uri,
    scope: 'rooms',
    accessTokenFormat: 'jwt',
    accessTokenTTL: 600,
    jwt: { sign: { alg: uri.endsWith('es256') ? 'ES256' : 'RS256' } },
  };
}

function build() {
  provider = new Provider(issuer, {
    jwks: { keys: state.keys },
    clients: [
      { client_id: 'relay', client_secret: 'relay secret: 100%', redirect_uris: state.redirects, grant_types: ['authorization_code'] },
      { client_id: 'app', client_secret: 'app-secret', redirect_uris: ['http://127.0.0.1:9/app'], grant_types: ['authorization_code'] },
      { client_id: 'machine', client_secret: 'machine-secret', redirect_uris: [], response_types: [], grant_types: ['client_credentials'] },
    ],
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, name: `${id} of the provider` }) }),
    claims: { openid: ['sub'], profile: ['name'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    cookies: { keys: ['only for tests'] },
    features: {
      devInteractions: { enabled: true },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true },
      resourceIndicators: { enabled: true, getResourceServerInfo: (ctx, uri) => resource(uri), useGrantedResource: () => false },
    },
  });
}

state.keys = await newKeys(1);
build();
listener.on('request', async (request, response) => {
  const path = request.url.split('?')[0];
  state.requests[path] = (state.requests[path] ?? 0) + 1;
  if (state.down) {
    request.socket.destroy();
    return;
  }

  await new Promise((resolve) => setTimeout(resolve, state.slowMs));
  const lie = state.lie?.[path];
  if (lie) {
    response.writeHead(lie.status ?? 200, { 'content-type': 'application/json', ...lie.headers });
    response.end(lie.fill ? Buffer.alloc(lie.fill, 0x20) : JSON.stringify(lie.body));
    return;
  }

  provider.callback()(request, response);
});

// ---- The mail server

const mails = [];
const mailFailures = new Map(); // by address: how many more are refused
async function mailServer(options) {
  const server = new SMTPServer({
    authOptional: true,
    onAuth: (auth, session, done) => (auth.username === 'relay' && auth.password === 'mail-secret' ? done(null, { user: 'relay' }) : done(new Error('no'))),
    onData: (stream, session, done) => {
      const chunks = [];
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('end', () => {
        const to = session.envelope.rcptTo[0].address;
        const failures = mailFailures.get(to) ?? 0;
        if (failures > 0) {
          mailFailures.set(to, failures - 1);
          done(Object.assign(new Error('try later'), { responseCode: 451 }));
          return;
        }

        mails.push({
          from: session.envelope.mailFrom.address,
          to: session.envelope.rcptTo.map((one) => one.address),
          user: session.user ?? null,
          secure: session.secure,
          text: Buffer.concat(chunks).toString('utf8'),
        });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => {});
  const listener = server.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return listener.address().port;
}

const mailPort = await mailServer({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true });

// ---- Control

const orders = {
  // What was asked of the provider, by path.
  requests: () => state.requests,
  set: (order) => Object.assign(state, order),
  redirects: ({ uris }) => { state.redirects = uris; build(); },
  rotate: async ({ generation }) => { state.keys = await newKeys(generation); build(); },
  mails: () => mails,
  // A mail server with STARTTLS that takes no password in the clear.
  tlsMailServer: async ({ key, cert }) => ({ port: await mailServer({ key, cert }) }),
  failMails: ({ to, count }) => { mailFailures.set(to, count); },
  // A token with any header and claims, signed by a key of the provider's, another's, or with its public key as an HMAC secret.
  sign: async ({ header, claims, by }) => {
    const ours = state.keys.find((key) => key.alg === (header.alg === 'ES256' ? 'ES256' : 'RS256'));
    const { d, p, q, dp, dq, qi, ...open } = ours;
    const key = by === 'other' ? (await generateKeyPair(header.alg)).privateKey
      : by === 'public-as-secret' ? createSecretKey(Buffer.from(await exportSPKI(await importJWK(open, 'RS256', { extractable: true }))))
      : await importJWK(ours, header.alg);
    return { token: await new SignJWT(claims).setProtectedHeader(header).sign(key) };
  },
};
const control = http.createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }

  try {
    const answer = await orders[request.url.slice(1)](chunks.length ? JSON.parse(Buffer.concat(chunks).toString('utf8')) : {});
    response.end(JSON.stringify(answer ?? {}));
  } catch (error) {
    response.writeHead(500);
    response.end(String(error?.stack ?? error));
  }
});
control.listen(0, '127.0.0.1');
await once(control, 'listening');
console.log(`peers: ready oidc=${issuer} smtp=${mailPort} control=http://127.0.0.1:${control.address().port}/`);
