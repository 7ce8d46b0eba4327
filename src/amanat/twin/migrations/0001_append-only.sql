-- The ledger is append-only: whoever wants to correct an entry adds another one.
CREATE FUNCTION "refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
--> statement-breakpoint
CREATE TRIGGER "funds_ledger_entries_append_only" BEFORE UPDATE OR DELETE ON "funds_ledger_entries"
  FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "funds_ledger_entries_no_truncate" BEFORE TRUNCATE ON "funds_ledger_entries"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
