/** Where appends are cut, whatever they hold (docs/design/topics.md#bounds); a log may take less. */

export const APPEND_RECORDS_MAX = 500;

export const APPEND_BYTES_MAX = 900_000;
