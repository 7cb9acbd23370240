-- CreateIndex
CREATE INDEX "Session_cluster_cleanedAt_idx" ON "Session"("cluster", "cleanedAt");
