/** A folder that anybody may read, as a web server hands it out. Paths are relative to it, with slashes. */

export interface PublicFolder {
	/** Null where there is no such file. */
	read(path: string): Promise<Uint8Array | null>;
	/** Readers see the old file or the new one. Resolves once it survives the machine. */
	write(path: string, bytes: Uint8Array): Promise<void>;
	/** A folder with what is in it; nothing where there is none. */
	remove(path: string): Promise<void>;
}
