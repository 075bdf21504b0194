"""Public addresses of what shows responses, under the language."""

from django.urls import path

from . import portal, views

urlpatterns = [
    path("campaigns/<slug:slug>/", views.campaign, name="campaign"),
    path("campaigns/<slug:slug>/campaign.yaml", views.campaign_file, name="campaign_file"),
    path("campaigns/<slug:slug>/questions/<str:number>/", views.question, name="question"),
    path("companies/<slug:slug>/", views.company, name="company"),
    path("responses/<str:public_id>/", views.response, name="response"),
    path("responses/<str:public_id>/documents/<uuid:pk>/", views.document, name="document"),
    path("reply/<str:token>/", portal.reply, name="reply"),
]
