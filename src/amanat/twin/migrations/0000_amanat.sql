CREATE SEQUENCE "public"."derived_destination_index" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "chats" (
	"id" uuid PRIMARY KEY NOT NULL,
	"mongo_id" char(24) COLLATE "C" NOT NULL,
	"mongo_rev" bigint DEFAULT 0 NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"title" text,
	"participant_ids" uuid[] DEFAULT '{}'::uuid[] NOT NULL,
	"request_id" uuid,
	"settings" jsonb,
	"messages" jsonb NOT NULL,
	"last_message_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "chats_mongo_id_unique" UNIQUE("mongo_id")
);
--> statement-breakpoint
CREATE TABLE "blog_posts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"mongo_id" char(24) COLLATE "C" NOT NULL,
	"mongo_rev" bigint DEFAULT 0 NOT NULL,
	"slug" text COLLATE "C" NOT NULL,
	"title" text NOT NULL,
	"excerpt" text,
	"body" text NOT NULL,
	"tags" text[] DEFAULT '{}'::text[] NOT NULL,
	"author_id" uuid,
	"status" text COLLATE "C" NOT NULL,
	"published_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "blog_posts_mongo_id_unique" UNIQUE("mongo_id"),
	CONSTRAINT "blog_posts_slug_unique" UNIQUE("slug")
);
--> statement-breakpoint
CREATE TABLE "shop_settings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"mongo_id" char(24) COLLATE "C" NOT NULL,
	"mongo_rev" bigint DEFAULT 0 NOT NULL,
	"seller_id" uuid NOT NULL,
	"settings" jsonb NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "shop_settings_mongo_id_unique" UNIQUE("mongo_id"),
	CONSTRAINT "shop_settings_seller_id_unique" UNIQUE("seller_id")
);
--> statement-breakpoint
CREATE TABLE "dispute_evidence" (
	"id" uuid PRIMARY KEY NOT NULL,
	"mongo_id" char(24) COLLATE "C" NOT NULL,
	"mongo_rev" bigint DEFAULT 0 NOT NULL,
	"dispute_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"url" text NOT NULL,
	"note" text,
	"submitted_by_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "dispute_evidence_mongo_id_unique" UNIQUE("mongo_id")
);
--> statement-breakpoint
CREATE TABLE "dispute_timeline" (
	"id" uuid PRIMARY KEY NOT NULL,
	"mongo_id" char(24) COLLATE "C" NOT NULL,
	"mongo_rev" bigint DEFAULT 0 NOT NULL,
	"dispute_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"event" text NOT NULL,
	"by_id" uuid,
	"note" text,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "dispute_timeline_mongo_id_unique" UNIQUE("mongo_id")
);
--> statement-breakpoint
CREATE TABLE "disputes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"mongo_id" char(24) COLLATE "C" NOT NULL,
	"mongo_rev" bigint DEFAULT 0 NOT NULL,
	"payment_id" uuid,
	"opened_by_id" uuid NOT NULL,
	"respondent_id" uuid NOT NULL,
	"status" text COLLATE "C" NOT NULL,
	"reason" text COLLATE "C" NOT NULL,
	"description" text NOT NULL,
	"claim_amount" numeric(38, 18) NOT NULL,
	"currency" text COLLATE "C" NOT NULL,
	"resolution" jsonb,
	"resolved_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "disputes_mongo_id_unique" UNIQUE("mongo_id")
);
--> statement-breakpoint
CREATE TABLE "telegram_links" (
	"id" uuid PRIMARY KEY NOT NULL,
	"mongo_id" char(24) COLLATE "C" NOT NULL,
	"mongo_rev" bigint DEFAULT 0 NOT NULL,
	"user_id" uuid NOT NULL,
	"telegram_id" bigint NOT NULL,
	"username" text COLLATE "C",
	"first_name" text NOT NULL,
	"language" text COLLATE "C",
	"notifications_enabled" boolean NOT NULL,
	"link_token" text NOT NULL,
	"linked_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "telegram_links_mongo_id_unique" UNIQUE("mongo_id"),
	CONSTRAINT "telegram_links_user_id_unique" UNIQUE("user_id"),
	CONSTRAINT "telegram_links_telegram_id_unique" UNIQUE("telegram_id")
);
--> statement-breakpoint
CREATE TABLE "telegram_sessions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"mongo_id" char(24) COLLATE "C" NOT NULL,
	"mongo_rev" bigint DEFAULT 0 NOT NULL,
	"user_id" uuid NOT NULL,
	"device" text NOT NULL,
	"platform" text COLLATE "C" NOT NULL,
	"token" text NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"last_active_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "telegram_sessions_mongo_id_unique" UNIQUE("mongo_id")
);
--> statement-breakpoint
CREATE TABLE "temp_verifications" (
	"id" uuid PRIMARY KEY NOT NULL,
	"mongo_id" char(24) COLLATE "C" NOT NULL,
	"mongo_rev" bigint DEFAULT 0 NOT NULL,
	"email" text COLLATE "C" NOT NULL,
	"purpose" text COLLATE "C" NOT NULL,
	"code" text NOT NULL,
	"attempts" integer NOT NULL,
	"max_attempts" integer NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "temp_verifications_mongo_id_unique" UNIQUE("mongo_id")
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"mongo_id" char(24) COLLATE "C" NOT NULL,
	"mongo_rev" bigint DEFAULT 0 NOT NULL,
	"email" text COLLATE "C" NOT NULL,
	"email_verified" boolean NOT NULL,
	"phone" text COLLATE "C",
	"name" text COLLATE "C" NOT NULL,
	"role" text COLLATE "C" NOT NULL,
	"roles" text[] DEFAULT '{}'::text[] NOT NULL,
	"status" text COLLATE "C" NOT NULL,
	"bio" text,
	"avatar" text,
	"locale" text COLLATE "C" NOT NULL,
	"preferences" jsonb,
	"password_hash" text NOT NULL,
	"refresh_tokens" text[] DEFAULT '{}'::text[] NOT NULL,
	"search_tokens" text[] DEFAULT '{}'::text[] NOT NULL,
	"last_seen_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "users_mongo_id_unique" UNIQUE("mongo_id"),
	CONSTRAINT "users_email_unique" UNIQUE("email")
);
--> statement-breakpoint
CREATE TABLE "funds_ledger_entries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"mongo_id" char(24) COLLATE "C" NOT NULL,
	"mongo_rev" bigint DEFAULT 0 NOT NULL,
	"account_id" uuid NOT NULL,
	"payment_id" uuid,
	"type" text COLLATE "C" NOT NULL,
	"bucket" text COLLATE "C" NOT NULL,
	"amount" numeric(38, 18) NOT NULL,
	"currency" text COLLATE "C" NOT NULL,
	"memo" text,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "funds_ledger_entries_mongo_id_unique" UNIQUE("mongo_id")
);
--> statement-breakpoint
CREATE TABLE "addresses" (
	"id" uuid PRIMARY KEY NOT NULL,
	"mongo_id" char(24) COLLATE "C" NOT NULL,
	"mongo_rev" bigint DEFAULT 0 NOT NULL,
	"user_id" uuid NOT NULL,
	"label" text NOT NULL,
	"recipient" text NOT NULL,
	"line1" text NOT NULL,
	"line2" text,
	"city" text NOT NULL,
	"region" text,
	"postal_code" text NOT NULL,
	"country" text NOT NULL,
	"phone" text,
	"is_default" boolean NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "addresses_mongo_id_unique" UNIQUE("mongo_id")
);
--> statement-breakpoint
CREATE TABLE "categories" (
	"id" uuid PRIMARY KEY NOT NULL,
	"mongo_id" char(24) COLLATE "C" NOT NULL,
	"mongo_rev" bigint DEFAULT 0 NOT NULL,
	"slug" text COLLATE "C" NOT NULL,
	"name" text NOT NULL,
	"parent_id" uuid,
	"position" integer NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "categories_mongo_id_unique" UNIQUE("mongo_id"),
	CONSTRAINT "categories_slug_unique" UNIQUE("slug")
);
--> statement-breakpoint
CREATE TABLE "purchase_requests" (
	"id" uuid PRIMARY KEY NOT NULL,
	"mongo_id" char(24) COLLATE "C" NOT NULL,
	"mongo_rev" bigint DEFAULT 0 NOT NULL,
	"title" text COLLATE "C" NOT NULL,
	"description" text NOT NULL,
	"status" text COLLATE "C" NOT NULL,
	"category_id" uuid,
	"buyer_id" uuid,
	"budget" numeric(38, 18) NOT NULL,
	"currency" text COLLATE "C" NOT NULL,
	"tags" text[] DEFAULT '{}'::text[] NOT NULL,
	"search_tokens" text[] DEFAULT '{}'::text[] NOT NULL,
	"deadline" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "purchase_requests_mongo_id_unique" UNIQUE("mongo_id")
);
--> statement-breakpoint
CREATE TABLE "request_templates" (
	"id" uuid PRIMARY KEY NOT NULL,
	"mongo_id" char(24) COLLATE "C" NOT NULL,
	"mongo_rev" bigint DEFAULT 0 NOT NULL,
	"slug" text COLLATE "C" NOT NULL,
	"title" text NOT NULL,
	"description" text NOT NULL,
	"category_id" uuid,
	"fields" jsonb NOT NULL,
	"tags" text[] DEFAULT '{}'::text[] NOT NULL,
	"active" boolean NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "request_templates_mongo_id_unique" UNIQUE("mongo_id"),
	CONSTRAINT "request_templates_slug_unique" UNIQUE("slug")
);
--> statement-breakpoint
CREATE TABLE "reviews" (
	"id" uuid PRIMARY KEY NOT NULL,
	"mongo_id" char(24) COLLATE "C" NOT NULL,
	"mongo_rev" bigint DEFAULT 0 NOT NULL,
	"seller_id" uuid NOT NULL,
	"author_id" uuid,
	"request_id" uuid,
	"rating" integer NOT NULL,
	"comment" text,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "reviews_mongo_id_unique" UNIQUE("mongo_id")
);
--> statement-breakpoint
CREATE TABLE "seller_offers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"mongo_id" char(24) COLLATE "C" NOT NULL,
	"mongo_rev" bigint DEFAULT 0 NOT NULL,
	"request_id" uuid,
	"seller_id" uuid,
	"price" numeric(38, 18) NOT NULL,
	"currency" text COLLATE "C" NOT NULL,
	"message" text,
	"delivery_days" integer NOT NULL,
	"status" text COLLATE "C" NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "seller_offers_mongo_id_unique" UNIQUE("mongo_id")
);
--> statement-breakpoint
CREATE TABLE "notifications" (
	"id" uuid PRIMARY KEY NOT NULL,
	"mongo_id" char(24) COLLATE "C" NOT NULL,
	"mongo_rev" bigint DEFAULT 0 NOT NULL,
	"user_id" uuid NOT NULL,
	"type" text COLLATE "C" NOT NULL,
	"title" text NOT NULL,
	"body" text,
	"read" boolean NOT NULL,
	"read_at" timestamp with time zone,
	"payload" jsonb,
	"expires_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "notifications_mongo_id_unique" UNIQUE("mongo_id")
);
--> statement-breakpoint
CREATE TABLE "payment_quotes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"mongo_id" char(24) COLLATE "C" NOT NULL,
	"mongo_rev" bigint DEFAULT 0 NOT NULL,
	"payment_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"provider" text COLLATE "C" NOT NULL,
	"base" text COLLATE "C" NOT NULL,
	"quote" text COLLATE "C" NOT NULL,
	"rate" numeric(38, 18),
	"rate_base_units" numeric(78, 0),
	"expires_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "payment_quotes_mongo_id_unique" UNIQUE("mongo_id")
);
--> statement-breakpoint
CREATE TABLE "payments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"mongo_id" char(24) COLLATE "C" NOT NULL,
	"mongo_rev" bigint DEFAULT 0 NOT NULL,
	"reference" text COLLATE "C" NOT NULL,
	"status" text COLLATE "C" NOT NULL,
	"provider" text COLLATE "C" NOT NULL,
	"amount" numeric(38, 18) NOT NULL,
	"currency" text COLLATE "C" NOT NULL,
	"fee" numeric(38, 18),
	"amount_base_units" numeric(78, 0),
	"chain" text COLLATE "C",
	"tx_hash" text COLLATE "C",
	"escrow" text COLLATE "C" NOT NULL,
	"buyer_id" uuid NOT NULL,
	"seller_id" uuid NOT NULL,
	"offer_id" uuid,
	"request_id" uuid,
	"cart_id" text COLLATE "C",
	"note" text,
	"metadata" jsonb,
	"paid_at" timestamp with time zone,
	"released_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "payments_mongo_id_unique" UNIQUE("mongo_id")
);
--> statement-breakpoint
CREATE TABLE "level_configs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"mongo_id" char(24) COLLATE "C" NOT NULL,
	"mongo_rev" bigint DEFAULT 0 NOT NULL,
	"level" integer NOT NULL,
	"name" text NOT NULL,
	"min_points" integer NOT NULL,
	"multiplier" double precision NOT NULL,
	"benefits" text[] DEFAULT '{}'::text[] NOT NULL,
	"color" text,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "level_configs_mongo_id_unique" UNIQUE("mongo_id"),
	CONSTRAINT "level_configs_level_unique" UNIQUE("level")
);
--> statement-breakpoint
CREATE TABLE "point_transactions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"mongo_id" char(24) COLLATE "C" NOT NULL,
	"mongo_rev" bigint DEFAULT 0 NOT NULL,
	"user_id" uuid NOT NULL,
	"type" text COLLATE "C" NOT NULL,
	"points" integer NOT NULL,
	"reason" text NOT NULL,
	"payment_id" uuid,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "point_transactions_mongo_id_unique" UNIQUE("mongo_id")
);
--> statement-breakpoint
CREATE TABLE "derived_destinations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"mongo_id" char(24) COLLATE "C" NOT NULL,
	"mongo_rev" bigint DEFAULT 0 NOT NULL,
	"user_id" uuid NOT NULL,
	"chain" text COLLATE "C" NOT NULL,
	"index" integer NOT NULL,
	"path" text NOT NULL,
	"address" text COLLATE "C" NOT NULL,
	"status" text COLLATE "C" NOT NULL,
	"payment_id" uuid,
	"balance_base_units" numeric(78, 0) NOT NULL,
	"last_swept_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "derived_destinations_mongo_id_unique" UNIQUE("mongo_id")
);
--> statement-breakpoint
CREATE TABLE "trezor_accounts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"mongo_id" char(24) COLLATE "C" NOT NULL,
	"mongo_rev" bigint DEFAULT 0 NOT NULL,
	"user_id" uuid NOT NULL,
	"label" text NOT NULL,
	"coin" text COLLATE "C" NOT NULL,
	"xpub" text NOT NULL,
	"fingerprint" text NOT NULL,
	"account_index" integer NOT NULL,
	"verified_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "trezor_accounts_mongo_id_unique" UNIQUE("mongo_id")
);
--> statement-breakpoint
ALTER TABLE "blog_posts" ADD CONSTRAINT "blog_posts_author_id_users_id_fk" FOREIGN KEY ("author_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shop_settings" ADD CONSTRAINT "shop_settings_seller_id_users_id_fk" FOREIGN KEY ("seller_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispute_evidence" ADD CONSTRAINT "dispute_evidence_dispute_id_disputes_id_fk" FOREIGN KEY ("dispute_id") REFERENCES "public"."disputes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispute_evidence" ADD CONSTRAINT "dispute_evidence_submitted_by_id_users_id_fk" FOREIGN KEY ("submitted_by_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispute_timeline" ADD CONSTRAINT "dispute_timeline_dispute_id_disputes_id_fk" FOREIGN KEY ("dispute_id") REFERENCES "public"."disputes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispute_timeline" ADD CONSTRAINT "dispute_timeline_by_id_users_id_fk" FOREIGN KEY ("by_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disputes" ADD CONSTRAINT "disputes_payment_id_payments_id_fk" FOREIGN KEY ("payment_id") REFERENCES "public"."payments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disputes" ADD CONSTRAINT "disputes_opened_by_id_users_id_fk" FOREIGN KEY ("opened_by_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disputes" ADD CONSTRAINT "disputes_respondent_id_users_id_fk" FOREIGN KEY ("respondent_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "telegram_links" ADD CONSTRAINT "telegram_links_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "telegram_sessions" ADD CONSTRAINT "telegram_sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "funds_ledger_entries" ADD CONSTRAINT "funds_ledger_entries_account_id_users_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "funds_ledger_entries" ADD CONSTRAINT "funds_ledger_entries_payment_id_payments_id_fk" FOREIGN KEY ("payment_id") REFERENCES "public"."payments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "addresses" ADD CONSTRAINT "addresses_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "categories" ADD CONSTRAINT "categories_parent_id_categories_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."categories"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "purchase_requests" ADD CONSTRAINT "purchase_requests_category_id_categories_id_fk" FOREIGN KEY ("category_id") REFERENCES "public"."categories"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "purchase_requests" ADD CONSTRAINT "purchase_requests_buyer_id_users_id_fk" FOREIGN KEY ("buyer_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "request_templates" ADD CONSTRAINT "request_templates_category_id_categories_id_fk" FOREIGN KEY ("category_id") REFERENCES "public"."categories"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_seller_id_users_id_fk" FOREIGN KEY ("seller_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_author_id_users_id_fk" FOREIGN KEY ("author_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_request_id_purchase_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."purchase_requests"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "seller_offers" ADD CONSTRAINT "seller_offers_request_id_purchase_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."purchase_requests"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "seller_offers" ADD CONSTRAINT "seller_offers_seller_id_users_id_fk" FOREIGN KEY ("seller_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payment_quotes" ADD CONSTRAINT "payment_quotes_payment_id_payments_id_fk" FOREIGN KEY ("payment_id") REFERENCES "public"."payments"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payments" ADD CONSTRAINT "payments_buyer_id_users_id_fk" FOREIGN KEY ("buyer_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payments" ADD CONSTRAINT "payments_seller_id_users_id_fk" FOREIGN KEY ("seller_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payments" ADD CONSTRAINT "payments_offer_id_seller_offers_id_fk" FOREIGN KEY ("offer_id") REFERENCES "public"."seller_offers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payments" ADD CONSTRAINT "payments_request_id_purchase_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."purchase_requests"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "point_transactions" ADD CONSTRAINT "point_transactions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "derived_destinations" ADD CONSTRAINT "derived_destinations_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "derived_destinations" ADD CONSTRAINT "derived_destinations_payment_id_payments_id_fk" FOREIGN KEY ("payment_id") REFERENCES "public"."payments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trezor_accounts" ADD CONSTRAINT "trezor_accounts_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "chats_participants" ON "chats" USING gin ("participant_ids");--> statement-breakpoint
CREATE INDEX "blog_posts_published" ON "blog_posts" USING btree ("status","published_at" DESC NULLS LAST,"mongo_id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "blog_posts_tags" ON "blog_posts" USING gin ("tags");--> statement-breakpoint
CREATE INDEX "dispute_evidence_dispute" ON "dispute_evidence" USING btree ("dispute_id","position");--> statement-breakpoint
CREATE INDEX "dispute_timeline_dispute" ON "dispute_timeline" USING btree ("dispute_id","position");--> statement-breakpoint
CREATE INDEX "disputes_created_at" ON "disputes" USING btree ("created_at" DESC NULLS LAST,"mongo_id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "disputes_status" ON "disputes" USING btree ("status","created_at" DESC NULLS LAST,"mongo_id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "disputes_opened_by" ON "disputes" USING btree ("opened_by_id");--> statement-breakpoint
CREATE INDEX "telegram_sessions_user" ON "telegram_sessions" USING btree ("user_id","started_at" DESC NULLS LAST,"mongo_id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "temp_verifications_email" ON "temp_verifications" USING btree ("email","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "users_created_at" ON "users" USING btree ("created_at" DESC NULLS LAST,"mongo_id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "users_roles" ON "users" USING gin ("roles");--> statement-breakpoint
CREATE INDEX "users_search_tokens" ON "users" USING gin ("search_tokens");--> statement-breakpoint
CREATE INDEX "funds_ledger_entries_created_at" ON "funds_ledger_entries" USING btree ("created_at","mongo_id");--> statement-breakpoint
CREATE INDEX "funds_ledger_entries_account" ON "funds_ledger_entries" USING btree ("account_id","created_at","mongo_id");--> statement-breakpoint
CREATE INDEX "funds_ledger_entries_payment" ON "funds_ledger_entries" USING btree ("payment_id","created_at","mongo_id");--> statement-breakpoint
CREATE INDEX "addresses_user" ON "addresses" USING btree ("user_id","created_at","mongo_id");--> statement-breakpoint
CREATE INDEX "categories_parent" ON "categories" USING btree ("parent_id","position","slug","mongo_id");--> statement-breakpoint
CREATE INDEX "purchase_requests_created_at" ON "purchase_requests" USING btree ("created_at" DESC NULLS LAST,"mongo_id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "purchase_requests_status" ON "purchase_requests" USING btree ("status","created_at" DESC NULLS LAST,"mongo_id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "purchase_requests_category" ON "purchase_requests" USING btree ("category_id");--> statement-breakpoint
CREATE INDEX "purchase_requests_buyer" ON "purchase_requests" USING btree ("buyer_id");--> statement-breakpoint
CREATE INDEX "purchase_requests_budget" ON "purchase_requests" USING btree ("budget","mongo_id");--> statement-breakpoint
CREATE INDEX "purchase_requests_search_tokens" ON "purchase_requests" USING gin ("search_tokens");--> statement-breakpoint
CREATE INDEX "request_templates_category" ON "request_templates" USING btree ("category_id");--> statement-breakpoint
CREATE INDEX "reviews_seller" ON "reviews" USING btree ("seller_id","created_at" DESC NULLS LAST,"mongo_id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "seller_offers_request" ON "seller_offers" USING btree ("request_id","price");--> statement-breakpoint
CREATE INDEX "seller_offers_seller" ON "seller_offers" USING btree ("seller_id");--> statement-breakpoint
CREATE INDEX "notifications_user" ON "notifications" USING btree ("user_id","created_at" DESC NULLS LAST,"mongo_id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "notifications_unread" ON "notifications" USING btree ("user_id") WHERE NOT read;--> statement-breakpoint
CREATE INDEX "payment_quotes_payment" ON "payment_quotes" USING btree ("payment_id","position");--> statement-breakpoint
CREATE INDEX "payments_created_at" ON "payments" USING btree ("created_at","mongo_id");--> statement-breakpoint
CREATE INDEX "payments_amount" ON "payments" USING btree ("amount","mongo_id");--> statement-breakpoint
CREATE INDEX "payments_status" ON "payments" USING btree ("status","created_at","mongo_id");--> statement-breakpoint
CREATE INDEX "payments_buyer" ON "payments" USING btree ("buyer_id");--> statement-breakpoint
CREATE INDEX "payments_seller" ON "payments" USING btree ("seller_id");--> statement-breakpoint
CREATE INDEX "payments_offer" ON "payments" USING btree ("offer_id");--> statement-breakpoint
CREATE INDEX "payments_request" ON "payments" USING btree ("request_id");--> statement-breakpoint
CREATE INDEX "point_transactions_user" ON "point_transactions" USING btree ("user_id","created_at","mongo_id");--> statement-breakpoint
CREATE INDEX "derived_destinations_created_at" ON "derived_destinations" USING btree ("created_at" DESC NULLS LAST,"mongo_id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "derived_destinations_user" ON "derived_destinations" USING btree ("user_id","created_at" DESC NULLS LAST,"mongo_id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "trezor_accounts_user" ON "trezor_accounts" USING btree ("user_id");