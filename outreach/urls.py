"""Every address of the site. Public pages carry the language first; staff pages live under /admin/."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from responses.admin.log import log_page

from . import views

urlpatterns = [
    path("", views.first_page),
    path("admin/theme/", views.choose_theme, name="theme"),
    path("admin/responses/log/", admin.site.admin_view(log_page), name="log_reply"),
    path("admin/", admin.site.urls),
]
urlpatterns += i18n_patterns(
    path("", include("campaigns.urls")),
    path("", include("responses.urls")),
    path("about/<slug:page>/", views.about, name="about"),
)

handler403 = "outreach.views.forbidden"
handler500 = "outreach.views.server_error"
