// A certified OpenID provider for tests (npm oidc-provider): two clients, and whoever signs in is who they say they are.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, configuration] = [process.argv[2], JSON.parse(process.argv[3])];
const main = createRequire(`${modules}/`).resolve("oidc-provider");
const { default: Provider } = await import(pathToFileURL(main).href);

const people = configuration.people;
const names = [...new Set(Object.values(people).flatMap(Object.keys))];
const provider = new Provider(configuration.issuer, {
  clients: configuration.clients,
  clientAuthMethods: ["client_secret_basic", "client_secret_post", "private_key_jwt"],
  claims: { openid: ["sub"], profile: names },
  conformIdTokenClaims: true,
  pkce: { required: () => true },
  cookies: { keys: ["for-tests"] },
  ttl: { AccessToken: 300, AuthorizationCode: 60, IdToken: 300, Grant: 300, Interaction: 300, Session: 300 },
  async findAccount(_context, id) {
    return { accountId: id, claims: async () => ({ sub: id, ...people[id] }) };
  },
});
provider.listen(configuration.port, "127.0.0.1");
