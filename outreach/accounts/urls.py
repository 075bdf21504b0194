"""Addresses of accounts, below /admin/. Those for whoever cannot sign in are open; the others ask for staff first."""

from django.contrib import admin
from django.urls import path

from . import doors, pages


def page(route, view, name):
    return path(route, admin.site.admin_view(view), name=name)


urlpatterns = [
    path(
        "password/", doors.Forgotten.as_view(), name="admin_password_reset"
    ),  # the name that the sign-in page looks for
    path("password/asked/", doors.Asked.as_view(), name="password_asked"),
    path("password/<uidb64>/<token>/", doors.SetPassword.as_view(), name="password_set"),
    page("password_change/", doors.ChangePassword.as_view(), "password_change"),
    page("staff/", pages.staff_list, "staff_list"),
    page("staff/invite/", pages.invite, "staff_invite"),
    page("staff/<int:pk>/", pages.person, "staff_person"),
    page("staff/<int:pk>/link/", pages.send_link, "staff_link"),
    page("staff/<int:pk>/leave/", pages.leave, "staff_leave"),
    page("staff/<int:pk>/renew/", pages.take_back, "staff_renew"),
    page("campaigns/campaign/<int:pk>/team/", pages.team, "campaign_team"),
]
