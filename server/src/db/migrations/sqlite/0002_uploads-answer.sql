ALTER TABLE `uploads` ADD `ad_id` text;--> statement-breakpoint
ALTER TABLE `uploads` ADD `duplicate` integer DEFAULT false NOT NULL;