-- What the search knows of each ad, beside the ads so that no list reads it: its place in the order, its plain text for
-- walking the order, its terms for the index.
CREATE TABLE "ad_search" ("ad_id" text PRIMARY KEY, "tenant_id" text NOT NULL, "position" double precision NOT NULL, "text" text NOT NULL, "body" tsvector NOT NULL);--> statement-breakpoint
CREATE INDEX "ad_search_order" ON "ad_search" ("tenant_id", "position", "ad_id");--> statement-breakpoint
CREATE INDEX "ad_search_body" ON "ad_search" USING gin ("body");
