CREATE TABLE "approvals" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"key_id" text NOT NULL,
	"key_name" text NOT NULL,
	"procedure" text NOT NULL,
	"call_hash" text NOT NULL,
	"arguments" jsonb NOT NULL,
	"subjects" jsonb NOT NULL,
	"state" text NOT NULL,
	"decided_by" text,
	"decided_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "idempotency" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"request_hash" text NOT NULL,
	"status" integer,
	"body" text,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "plays" (
	"tenant_id" text NOT NULL,
	"screen_id" text NOT NULL,
	"ad_id" text NOT NULL,
	"day" text NOT NULL,
	"count" integer NOT NULL,
	"title" text NOT NULL,
	"screen_name" text NOT NULL,
	"last_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "plays_tenant_id_day_screen_id_ad_id_pk" PRIMARY KEY("tenant_id","day","screen_id","ad_id")
);
--> statement-breakpoint
CREATE TABLE "tool_cursors" (
	"key_id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"ad_id" text,
	"position" double precision,
	"ad_count" integer,
	"plays" integer NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "screens" ADD COLUMN "play_now" jsonb;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "quota_bytes" bigint;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "quota_ads" integer;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "quota_screens" integer;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "quota_keys" integer;--> statement-breakpoint
CREATE INDEX "approvals_tenant" ON "approvals" USING btree ("tenant_id","id");--> statement-breakpoint
CREATE INDEX "approvals_expiry" ON "approvals" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "idempotency_age" ON "idempotency" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "plays_ad" ON "plays" USING btree ("tenant_id","ad_id");--> statement-breakpoint
CREATE INDEX "assets_size" ON "assets" USING btree ("tenant_id","size");--> statement-breakpoint
CREATE INDEX "assets_name" ON "assets" USING btree ("tenant_id","file_name");--> statement-breakpoint
CREATE INDEX "assets_shelf" ON "assets" USING btree ("tenant_id","category","id");