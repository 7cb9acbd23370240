-- CreateIndex
CREATE INDEX "Session_ownerId_endedAt_idx" ON "Session"("ownerId", "endedAt");
