/** Which Node can run this. Imports nothing, so that it can be asked before anything else is loaded. */

export const isSupported = (version: string): boolean => {
	const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
	return major >= 26 || (major === 24 && minor >= 15) || (major === 22 && (minor > 22 || (minor === 22 && patch >= 3)));
};

export const unsupported = (version: string): string =>
	`node ${version} cannot run assent: 22.22.3, 24.15 or 26 and newer can`;
