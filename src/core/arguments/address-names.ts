/**
 * Names of the public DNS that lead to a private address, or to any that somebody writes into them. They are those that their makers
 * document (named beside them), or that lists of request forgeries name. There is no register of them, and anybody can set up another:
 * the list is not complete. Names below one of these count, too.
 */

/** The address is in the name: `10-0-0-1.nip.io`, `app.10.0.0.1.sslip.io`. */
const SPELLING_ADDRESSES = [
	"nip.io", // nip.io
	"sslip.io", // sslip.io, github.com/cunnie/sslip.io
	"xip.io", // the first of them, switched off in 2021: whoever has the name now may answer anything
	"traefik.me", // traefik.me
	"backname.io", // github.com/Twixes/backname
	"local-ip.co", // local-ip.co
	"local-ip.sh", // local-ip.sh, which names the one before as its example
	"resolvr.io", // its README: `10-10-10-1.resolvr.io`
	"plex.direct", // support.plex.tv: `192-168-0-1.HASH.plex.direct`
];

/** The addresses are in the name, and the answer changes from one question to the next. */
const REBINDING = [
	"rbndr.us", // github.com/taviso/rbndr
	"1u.ms", // github.com/neex/1u.ms
	"rebind.network", // github.com/brannondorsey/whonow
	"rebind.it", // another server of the same
];

/** They lead to this machine. */
const LEADING_HERE = [
	"localtest.me", // readme.localtest.me
	"lvh.me",
	"vcap.me",
	"lacolhost.com",
	"colasloth.com", // colasloth.github.io
	"spoofed.burpcollaborator.net", // portswigger.net
];

export const ANYWHERE_NAMES: readonly string[] = [...SPELLING_ADDRESSES, ...REBINDING, ...LEADING_HERE];
