-- Event ids must grow in the order of commits, or a subscriber that saw id 7 would never see a 6 that commits later.
-- So whoever appends holds one lock until commit; a statement trigger runs before the id is drawn.
CREATE FUNCTION marquee_lock_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7230571, 1);
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE FUNCTION marquee_notify_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('marquee_events', '');
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER events_lock BEFORE INSERT ON "events" FOR EACH STATEMENT EXECUTE FUNCTION marquee_lock_events();--> statement-breakpoint
CREATE TRIGGER events_notify AFTER INSERT ON "events" FOR EACH STATEMENT EXECUTE FUNCTION marquee_notify_events();
