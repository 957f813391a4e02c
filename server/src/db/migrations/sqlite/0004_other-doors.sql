CREATE TABLE `approvals` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`key_id` text NOT NULL,
	`key_name` text NOT NULL,
	`procedure` text NOT NULL,
	`call_hash` text NOT NULL,
	`arguments` text NOT NULL,
	`subjects` text NOT NULL,
	`state` text NOT NULL,
	`decided_by` text,
	`decided_at` integer,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `approvals_tenant` ON `approvals` (`tenant_id`,`id`);--> statement-breakpoint
CREATE INDEX `approvals_expiry` ON `approvals` (`expires_at`);--> statement-breakpoint
CREATE TABLE `idempotency` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`request_hash` text NOT NULL,
	`status` integer,
	`body` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `idempotency_age` ON `idempotency` (`created_at`);--> statement-breakpoint
CREATE TABLE `plays` (
	`tenant_id` text NOT NULL,
	`screen_id` text NOT NULL,
	`ad_id` text NOT NULL,
	`day` text NOT NULL,
	`count` integer NOT NULL,
	`title` text NOT NULL,
	`screen_name` text NOT NULL,
	`last_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `day`, `screen_id`, `ad_id`)
);
--> statement-breakpoint
CREATE INDEX `plays_ad` ON `plays` (`tenant_id`,`ad_id`);--> statement-breakpoint
CREATE TABLE `tool_cursors` (
	`key_id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`ad_id` text,
	`position` real,
	`ad_count` integer,
	`plays` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `screens` ADD `play_now` text;--> statement-breakpoint
ALTER TABLE `tenants` ADD `quota_bytes` integer;--> statement-breakpoint
ALTER TABLE `tenants` ADD `quota_ads` integer;--> statement-breakpoint
ALTER TABLE `tenants` ADD `quota_screens` integer;--> statement-breakpoint
ALTER TABLE `tenants` ADD `quota_keys` integer;--> statement-breakpoint
CREATE INDEX `assets_size` ON `assets` (`tenant_id`,`size`);--> statement-breakpoint
CREATE INDEX `assets_name` ON `assets` (`tenant_id`,`file_name`);--> statement-breakpoint
CREATE INDEX `assets_shelf` ON `assets` (`tenant_id`,`category`,`id`);