-- CreateTable
CREATE TABLE "EventSeal" (
    "number" INTEGER NOT NULL,
    "sealedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastId" BIGINT NOT NULL,
    "events" INTEGER NOT NULL,
    "hash" TEXT NOT NULL,
    "keyId" TEXT NOT NULL,
    "signature" TEXT NOT NULL,

    CONSTRAINT "EventSeal_pkey" PRIMARY KEY ("number")
);

-- Written by hand: a link of the chain is never changed or removed either.
CREATE TRIGGER "EventSeal_append_only" BEFORE UPDATE OR DELETE ON "EventSeal"
  FOR EACH ROW EXECUTE FUNCTION "refuse_event_change"();

CREATE TRIGGER "EventSeal_no_truncate" BEFORE TRUNCATE ON "EventSeal"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_event_change"();
