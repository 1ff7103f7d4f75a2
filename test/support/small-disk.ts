/** A file system of a few megabytes, for tests that let it run full; only some machines let a test mount one. */
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface SmallDisk {
	readonly folder: string;
	/** Takes what space there is, to the last page. The file that holds it. */
	fill(): string;
	remove(): void;
}

/** Null where it cannot be mounted. */
export function mountSmallDisk(megabytes: number): SmallDisk | null {
	const folder = mkdtempSync(join(tmpdir(), "assent-disk-"));
	const remove = (): void => rmSync(folder, { recursive: true, force: true });
	const size = `size=${megabytes}m`;
	if (process.platform !== "linux" || !succeeds("mount", ["-t", "tmpfs", "-o", size, "tmpfs", folder])) {
		remove();
		return null;
	}
	return {
		folder,
		fill: () => fill(folder),
		remove: () => {
			succeeds("umount", [folder]);
			remove();
		},
	};
}

function succeeds(command: string, args: readonly string[]): boolean {
	return spawnSync(command, args).status === 0;
}

function fill(folder: string): string {
	const path = join(folder, "ballast");
	for (const size of [1 << 20, 1 << 12]) {
		try {
			for (;;) appendFileSync(path, Buffer.alloc(size));
		} catch (thrown) {
			if (!(thrown instanceof Error && "code" in thrown && thrown.code === "ENOSPC")) throw thrown;
		}
	}
	return path;
}
