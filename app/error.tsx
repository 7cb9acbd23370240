"use client";
export { Broken as default } from "@/components/frame/broken";
