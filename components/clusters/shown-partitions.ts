// Partitions as lists show them: without those that the site hides, unless one of them was chosen by its name.
import type { PartitionView } from "@/lib/clusters/schema";

export const shownPartitions = (partitions: PartitionView[], chosen = ""): PartitionView[] =>
  partitions.filter(({ hidden, name }) => !hidden || name === chosen);
