import "@angular/compiler";
import { provideHttpClient, withInterceptors } from "@angular/common/http";
import { provideZonelessChangeDetection } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import { AppComponent } from "./app.component";
import { sessionInterceptor } from "./session.interceptor";

bootstrapApplication(AppComponent, {
  providers: [provideZonelessChangeDetection(), provideHttpClient(withInterceptors([sessionInterceptor]))],
}).catch((error: unknown) => console.error(error));
