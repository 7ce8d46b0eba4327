CREATE TABLE "backfill_runs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"collections" text[] NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"completed_at" timestamp with time zone,
	"documents" bigint,
	"rejects" integer
);
--> statement-breakpoint
CREATE TABLE "drain_deferrals" (
	"collection" text COLLATE "C" NOT NULL,
	"mongo_id" text COLLATE "C" NOT NULL,
	"error" text NOT NULL,
	"attempts" integer DEFAULT 1 NOT NULL,
	"since" timestamp with time zone NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	CONSTRAINT "drain_deferrals_collection_mongo_id_pk" PRIMARY KEY("collection","mongo_id")
);
--> statement-breakpoint
CREATE TABLE "drain_status" (
	"source" text COLLATE "C" PRIMARY KEY NOT NULL,
	"lag_ms" bigint NOT NULL,
	"drained" bigint NOT NULL,
	"failed" bigint NOT NULL,
	"error" text,
	"at" timestamp with time zone NOT NULL,
	"resume_token" jsonb
);
--> statement-breakpoint
CREATE TABLE "verify_findings" (
	"collection" text COLLATE "C" NOT NULL,
	"mongo_id" text COLLATE "C" NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"fields" text[] DEFAULT '{}'::text[] NOT NULL,
	"reason" text,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "verify_findings_collection_mongo_id_pk" PRIMARY KEY("collection","mongo_id")
);
--> statement-breakpoint
CREATE TABLE "verify_progress" (
	"collection" text COLLATE "C" PRIMARY KEY NOT NULL,
	"last_id" text COLLATE "C",
	"done" boolean DEFAULT false NOT NULL,
	"documents" bigint DEFAULT 0 NOT NULL,
	"agree" bigint DEFAULT 0 NOT NULL,
	"sample" double precision NOT NULL,
	"salt" text NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
