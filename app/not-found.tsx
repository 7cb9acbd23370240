import { Compass } from "lucide-react";
import { messages } from "@/components/messages";
import { ButtonLink } from "@/components/ui/button";
import { Empty } from "@/components/ui/empty";
import { paths } from "@/lib/paths";

const { title, text, action } = messages.frame.notFound;

export default function NotFound() {
  return (
    <main className="dots grid min-h-dvh place-items-center p-4">
      <title>{title}</title>
      <div className="card w-full max-w-lg">
        <h1 className="sr-only">{title}</h1>
        <Empty
          icon={Compass}
          title={title}
          text={text}
          action={
            <ButtonLink look="primary" href={paths.home()}>
              {action}
            </ButtonLink>
          }
        />
      </div>
    </main>
  );
}
