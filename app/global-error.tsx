"use client";
export { LastResort as default } from "@/components/frame/last-resort";
