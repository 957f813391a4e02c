-- Own integer ids, since the rowid of a table without INTEGER PRIMARY KEY may change in a VACUUM.
CREATE TABLE `ad_search_rows` (`n` integer PRIMARY KEY AUTOINCREMENT, `ad_id` text NOT NULL UNIQUE);--> statement-breakpoint
CREATE VIRTUAL TABLE `ad_search` USING fts5(tenant, body, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2');
