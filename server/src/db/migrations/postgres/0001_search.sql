CREATE TABLE "ad_search" ("ad_id" text PRIMARY KEY, "tenant_id" text NOT NULL, "body" tsvector NOT NULL);--> statement-breakpoint
CREATE INDEX "ad_search_body" ON "ad_search" USING gin ("body");
