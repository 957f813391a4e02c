-- Own integer ids, since the rowid of a table without INTEGER PRIMARY KEY may change in a VACUUM.
CREATE TABLE `ad_search_rows` (`n` integer PRIMARY KEY AUTOINCREMENT, `ad_id` text NOT NULL UNIQUE, `tenant_id` text NOT NULL, `position` real NOT NULL, `text` text NOT NULL);--> statement-breakpoint
CREATE INDEX `ad_search_order` ON `ad_search_rows` (`tenant_id`, `position`, `ad_id`);--> statement-breakpoint
-- The terms come ready-made, with spaces between; this tokenizer only cuts at those. No text and no places of words are kept.
CREATE VIRTUAL TABLE `ad_search` USING fts5(terms, content='', contentless_delete=1, detail=none, tokenize='ascii');
