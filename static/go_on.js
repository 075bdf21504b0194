// Merging many mails works in parts; this presses the button that goes on with the next part. Without it a person does.
document.querySelector("[data-go-on]")?.click();
