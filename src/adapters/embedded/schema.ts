/**
 * The form of the log's file, format 2. Any SQLite tool can read it; `records_by_name` and `decisions_index` are for them.
 * Any other format is refused.
 */

/** "ASNT": tells the file from those of other programs, also for `file(1)`. */
export const APPLICATION_ID = 0x41534e54;

export const FORMAT_VERSION = 2;

/** A page of most file systems. An append writes whole pages: larger ones cost more bytes, smaller ones split records. */
export const PAGE_BYTES = 4_096;

export const SCHEMA = `
CREATE TABLE meta(name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE topics(
	id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, partitions INTEGER NOT NULL,
	cleanup TEXT NOT NULL CHECK (cleanup IN ('keep', 'delete', 'compact')), retention_ms INTEGER
) STRICT;

-- In the order of arrival: an append fills the last page, wherever its partition is. In the order of the key, most appends
-- would split a page in the middle of the tree and move its neighbours.
-- ts: ms since 1970. crc: CRC-32 of topic, part, off, ts, key, headers and value, for bits that rot.
CREATE TABLE records(
	id INTEGER PRIMARY KEY, topic INTEGER NOT NULL, part INTEGER NOT NULL, off INTEGER NOT NULL, ts INTEGER NOT NULL,
	key TEXT, headers TEXT NOT NULL, value BLOB NOT NULL, crc INTEGER NOT NULL,
	UNIQUE (topic, part, off)
) STRICT;

-- The first offset that is left, once something was removed from the front.
CREATE TABLE begins(
	topic INTEGER NOT NULL, part INTEGER NOT NULL, off INTEGER NOT NULL, PRIMARY KEY (topic, part)
) STRICT, WITHOUT ROWID;

-- Compacted topics: where the newest record of each key lies.
CREATE TABLE newest(
	topic INTEGER NOT NULL, part INTEGER NOT NULL, key BLOB NOT NULL, off INTEGER NOT NULL,
	PRIMARY KEY (topic, part, key)
) STRICT, WITHOUT ROWID;

-- id: of the record.
CREATE TABLE decisions_index(
	id INTEGER PRIMARY KEY, topic INTEGER NOT NULL, part INTEGER NOT NULL, off INTEGER NOT NULL,
	seq INTEGER NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL,
	tenant TEXT NOT NULL, agent TEXT NOT NULL, session TEXT NOT NULL, intent TEXT NOT NULL, tool TEXT NOT NULL,
	verdict TEXT NOT NULL, code TEXT NOT NULL, policy TEXT NOT NULL, rule TEXT NOT NULL
) STRICT;

-- Sockets of processes that want to be woken.
CREATE TABLE listeners(id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL UNIQUE) STRICT;

-- The newest member of a group owns its partitions.
CREATE TABLE members(
	id INTEGER PRIMARY KEY AUTOINCREMENT, grp TEXT NOT NULL, member TEXT NOT NULL, socket TEXT NOT NULL
) STRICT;

CREATE VIEW records_by_name AS
	SELECT t.name AS topic, r.part, r.off, datetime(r.ts / 1000.0, 'unixepoch', 'subsec') AS time, r.key, r.headers,
		length(r.value) AS bytes, r.value
	FROM records r JOIN topics t ON t.id = r.topic;
`;
