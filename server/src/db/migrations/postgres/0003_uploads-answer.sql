ALTER TABLE "uploads" ADD COLUMN "ad_id" text;--> statement-breakpoint
ALTER TABLE "uploads" ADD COLUMN "duplicate" boolean DEFAULT false NOT NULL;