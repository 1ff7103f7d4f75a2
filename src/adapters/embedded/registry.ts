/** Who uses the log's file: sockets of processes that want to be woken, and members of groups. */
import type { Listener, LogWriter } from "./writer.ts";

export class Registry {
	readonly #writer: LogWriter;

	constructor(writer: LogWriter) {
		this.#writer = writer;
	}

	listeners(): readonly Listener[] {
		return this.#writer.db.prepare("SELECT id, path FROM listeners").all() as unknown as Listener[];
	}

	listen(path: string): void {
		this.#write("INSERT INTO listeners (path) VALUES (?)", path);
	}

	/** Forgets a socket and the members behind it. */
	unlisten(path: string): void {
		this.#writer.transact(
			(db) => {
				db.prepare("DELETE FROM listeners WHERE path = ?").run(path);
				db.prepare("DELETE FROM members WHERE socket = ?").run(path);
			},
			{ isDurable: false },
		);
	}

	/** Answers with the member's number; the greatest of a group is its newest. */
	join({
		group,
		member,
		socket,
	}: {
		readonly group: string;
		readonly member: string;
		readonly socket: string;
	}): number {
		return this.#write("INSERT INTO members (grp, member, socket) VALUES (?, ?, ?)", group, member, socket);
	}

	leave(number: number): void {
		this.#write("DELETE FROM members WHERE id = ?", number);
	}

	/** One statement in a transaction of its own; answers with the last row's number. */
	#write(sql: string, ...values: (string | number)[]): number {
		return this.#writer.transact((db) => Number(db.prepare(sql).run(...values).lastInsertRowid), { isDurable: false });
	}
}
