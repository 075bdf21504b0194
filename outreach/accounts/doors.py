"""Passwords: asking for a new one without signing in, setting it by the link that came by mail, changing one's own."""

from contextlib import suppress
from time import monotonic, sleep

from django.contrib import admin, messages
from django.contrib.auth import views
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, TemplateView

from campaigns import clock
from correspondence.wording import Blocked

from . import links
from .forms import ForgottenForm, NewPasswordForm, OwnPasswordForm

TAKES = 0.3  # seconds; much more than making a mail takes


@method_decorator(never_cache, name="dispatch")
class Forgotten(FormView):
    """Ask for a link. What is answered is the same whether the address has an account or not."""

    form_class = ForgottenForm
    template_name = "admin/registration/forgotten.html"
    success_url = reverse_lazy("password_asked")
    extra_context = {"title": gettext_lazy("A new password")}

    def form_valid(self, form):
        """Answer everybody after the same time: making a mail takes longer than making none, and would tell (S20)."""
        ends = monotonic() + TAKES
        with suppress(Blocked):  # an address that no mail can go to is answered like the others
            links.remind_of_password(form.cleaned_data["email"], now=clock.now())
        sleep(max(0, ends - monotonic()))
        return super().form_valid(form)


class Asked(TemplateView):
    template_name = "admin/registration/asked.html"
    extra_context = {"title": gettext_lazy("Look into your mailbox"), "days": links.DAYS}


class SetPassword(views.PasswordResetConfirmView):
    """Set a password and go in. The link's secret leaves the address by a redirect, and works once."""

    form_class = NewPasswordForm
    template_name = "admin/registration/set_password.html"
    success_url = reverse_lazy("admin:index")
    post_reset_login = True
    post_reset_login_backend = "django.contrib.auth.backends.ModelBackend"
    title = gettext_lazy("Choose a password")

    def form_valid(self, form):
        page = super().form_valid(form)
        messages.success(self.request, _("Your password is set, and you are signed in."))
        return page


class ChangePassword(views.PasswordChangeView):
    """Stands at the address of Django's own page, whose errors do not say which field they mean."""

    form_class = OwnPasswordForm
    template_name = "admin/registration/change_password.html"
    success_url = reverse_lazy("admin:password_change_done")
    title = gettext_lazy("Change password")

    def get_context_data(self, **kwargs):
        return super().get_context_data(**admin.site.each_context(self.request), **kwargs)
