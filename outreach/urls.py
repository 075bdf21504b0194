"""Every address of the site. Public pages carry the language first; staff pages live under /admin/."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from responses.admin.log import log_page
from responses.desk.differences import differences
from responses.desk.my_work import my_work

from . import demo_views, views

urlpatterns = [
    path("", views.first_page),
    path("admin/", admin.site.admin_view(my_work), name="my_work"),
    path("admin/records/", admin.site.admin_view(views.records), name="records"),
    path("admin/records/differences/", admin.site.admin_view(differences), name="differences"),
    path("admin/theme/", views.choose_theme, name="theme"),
    path("admin/responses/log/", admin.site.admin_view(log_page), name="log_reply"),
    path("admin/demo/clock/", admin.site.admin_view(demo_views.clock_page), name="demo_clock"),
    path("admin/demo/mail/", admin.site.admin_view(demo_views.mails), name="demo_mails"),
    path("admin/demo/mail/<str:name>", admin.site.admin_view(demo_views.mail), name="demo_mail"),
    path(
        "admin/r/<int:content_type_id>/<path:object_id>/", admin.site.admin_view(views.no_shortcut), name="no_shortcut"
    ),
    path("admin/", include("outreach.accounts.urls")),
    path("admin/", include("correspondence.urls")),
    path("admin/", include("responses.desk.urls")),
    path("admin/", include("campaigns.desk_urls")),
    path("admin/", admin.site.urls),
]
urlpatterns += i18n_patterns(
    path("", include("campaigns.urls")),
    path("", include("responses.urls")),
    path("about/<slug:page>/", views.about, name="about"),
)

handler403 = "outreach.views.forbidden"
handler500 = "outreach.views.server_error"
