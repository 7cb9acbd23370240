// The mark: a hull at its berth, waterline across. Drawn with the theme's own accent.
export function BrandMark({ className = "size-6" }: { className?: string }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 24 24" className={className}>
      <rect width="24" height="24" rx="7" className="fill-accent" />
      <path
        d="M12 4.6v6.1M12 5.2l4.6 5H12Z"
        className="fill-accent-ink stroke-accent-ink"
        strokeWidth="1.4"
        strokeLinejoin="round"
      />
      <path d="M4.9 12.7h14.2l-1.7 3.5a2 2 0 0 1-1.8 1.1H8.4a2 2 0 0 1-1.8-1.1Z" className="fill-accent-ink" />
      <path
        d="M5 20c1.2 0 1.2-.8 2.4-.8s1.1.8 2.3.8 1.2-.8 2.3-.8 1.2.8 2.4.8 1.1-.8 2.3-.8 1.1.8 2.3.8"
        className="fill-none stroke-accent-ink opacity-60"
        strokeWidth="1.1"
        strokeLinecap="round"
      />
    </svg>
  );
}
